"""DRF's browsable API in outline: the answer as JSON in an HTML page."""

from html import escape

from authspec_mock.core.call import Call

_PAGE = """<!DOCTYPE html>
<html>
  <head>
    <meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
    <title>{name} – Django REST framework</title>
  </head>
  <body class="">
    <h1>{name}</h1>
    <p>{description}</p>
    <pre class="prettyprint"><b>{method}</b> {path}</pre>
    <pre class="prettyprint"><b>HTTP {status}</b>
<b>Allow:</b> {allow}
<b>Content-Type:</b> application/json

{body}</pre>
  </body>
</html>
"""


def browsable(call: Call, status: int, body: str) -> str:
    """A page around an answer; the real one's forms and styles are left out."""
    route = call.route
    return _PAGE.format(
        name=escape(route.name if route else ""),
        description=escape(route.description if route else ""),
        method=escape(call.method),
        path=escape(call.request.path),
        status=status,
        allow=escape(route.allow if route else ""),
        body=escape(body),
    )
