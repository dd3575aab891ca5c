"""A body declared too large is refused before any of it is read, as a problem."""

from starlette.types import ASGIApp, Receive, Scope, Send

from services.intake.problems import Problem, answer


class DeclaredLimit:
    """Answers 413 by the Content-Length; Starlette's own limit counts bodies without one."""

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._declared(scope) > self.most_bytes:
            detail = f"a body may have {self.most_bytes} bytes at most"
            await answer(Problem("too-large", detail))(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _declared(self, scope: Scope) -> int:
        said = dict(scope["headers"]).get(b"content-length", b"")
        return int(said) if said.isdigit() else 0
