"""The options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

BOOTSTRAP = "localhost:9092"
URL = "http://localhost:8081"

Bootstrap = Annotated[
    str,
    typer.Option("--bootstrap-server", "-b", metavar="HOST:PORT", help="Where the log is heard."),
]
Properties = Annotated[
    list[str] | None,
    typer.Option(
        "--property",
        "-X",
        metavar="KEY=VALUE",
        help="Property of the client, as in security.protocol=ssl; may be given again.",
    ),
]
Url = Annotated[
    str, typer.Option("--registry", "-r", metavar="URL", help="Where the schemas are registered.")
]
