"""Files: taken in as they come, and given out when the use is on record."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import Field
from starlette.responses import StreamingResponse

from api.http.caller import CallerOf, Guarded, ServiceOf
from api.http.file_out import open_file_of
from api.http.file_reader import Use
from api.http.forms import HEX32, UUID, Body
from api.http.upload import take_file

router = APIRouter(tags=["files"], route_class=Guarded)
_OCTETS = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


class FileKept(Body):
    """As a statement's `files` name it."""

    sha256: str
    sm3: str
    size: int


class UseForm(Body):
    """What for, and on what ground; for whom, where somebody at the counter is shown the file."""

    act: Literal["view", "download"]
    purpose: Annotated[str, Field(min_length=1, max_length=500, examples=["土地纠纷调解"])]
    basis: Annotated[str, Field(max_length=64, examples=["mediation"])]
    reader_name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    legal_basis: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    answers: Annotated[list[Annotated[str, Field(pattern=HEX32)]], Field(max_length=64)] = Field(
        default_factory=list, description="The approved application, where the basis asks for one."
    )


@router.post(
    "/v1/files",
    status_code=201,
    operation_id="upload",
    openapi_extra={"requestBody": {"required": True, **_OCTETS}},
)
async def upload(
    service: ServiceOf,
    caller: CallerOf,
    request: Request,
    response: Response,
    x_declared_grade: Annotated[
        Literal["none", "work_secret", "confidential", "secret", "top_secret"],
        Header(description="Asked first: with any but none nothing is read. 密级声明"),
    ],
    x_content_sha256: Annotated[
        str | None, Header(pattern=HEX32, description="What is sent must have this digest.")
    ] = None,
) -> FileKept:
    """Keeps the body as a file, by its digest. Whatever breaks off leaves nothing behind. What bears a
    secrecy marking is refused; `X-Marked: internal` and `X-Looked-Through: partly` warn of what was taken."""
    kept, looked = await take_file(service, caller, request, x_declared_grade, x_content_sha256)
    if looked.internal:
        response.headers["X-Marked"] = "internal"
    if looked.partly:
        response.headers["X-Looked-Through"] = "partly"
    return FileKept(sha256=kept.digests.sha256.hex(), sm3=kept.digests.sm3.hex(), size=kept.size)


@router.post(
    "/v1/records/{record}/files/{sha256}",
    operation_id="open_file",
    response_class=StreamingResponse,
    responses={200: _OCTETS},
)
def open_file(
    form: UseForm,
    service: ServiceOf,
    caller: CallerOf,
    record: Annotated[str, Path(pattern=UUID)],
    sha256: Annotated[str, Path(pattern=HEX32)],
) -> StreamingResponse:
    """The file's octets. The use is stated, and the statement kept, before the first of them is sent."""
    answers = tuple(bytes.fromhex(text) for text in form.answers)
    use = Use(form.act, form.purpose, form.basis, form.reader_name, form.legal_basis, answers)
    return open_file_of(service, caller, record, bytes.fromhex(sha256), use)
