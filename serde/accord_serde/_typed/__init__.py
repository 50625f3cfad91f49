"""Classes to schemas and converters: annotations become shapes, shapes become everything else."""
