"""What a browser sends of a form."""

from urllib.parse import parse_qsl

from fastapi import Request

from molgen.errors import DataError

FORM = "application/x-www-form-urlencoded"
FIELDS = 20_000  # at most: a selection has one per molecule


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; of those with one name the values in lines.

    Raises
    ------
    DataError
        It isn't one, or has too many fields.
    """
    if (kind := request.headers.get("content-type", FORM).partition(";")[0].strip().lower()) != FORM:
        raise DataError(f"a form comes as {FORM}, not as {kind}")
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError as error:
        raise DataError(f"the form can't be read ({error})") from error
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]}\n{value}" if name in found else value.replace("\r\n", "\n")
    return found
