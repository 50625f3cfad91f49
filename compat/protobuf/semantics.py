"""draft"""
from compat.protobuf.descriptor_compilation import *
from compat.protobuf.descriptor_compilation import DescriptorPool
def validate(file, imports=None):
    library = Library(imports or {})
    target = compiled(file, 'default', library)
    set_custom_options(file, target, library)
    if target.unknown: raise InvalidSchema('unknown option')
    build_pool([*dependencies([*target.proto.dependency],library), target.proto])
