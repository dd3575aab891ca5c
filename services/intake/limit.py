"""Bodies too large are refused as a problem: unread when declared, else as soon as it shows."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.intake.problems import Problem, answer

TOO_LARGE = 413


class BodyLimit:
    """Starlette's own limit answers plain text, so ours stands in its place."""

    def __init__(self, app: ASGIApp, *, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.words = f"a body may have {most_bytes} bytes at most"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self._declared(scope) > self.most_bytes:
            await answer(Problem("too-large", self.words))(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most_bytes:
                raise HTTPException(TOO_LARGE, self.words)
            return message

        await self.app(scope, counted, send)

    def _declared(self, scope: Scope) -> int:
        said = dict(scope["headers"]).get(b"content-length", b"")
        return int(said) if said.isdigit() else 0
