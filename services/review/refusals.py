"""What people see when a page cannot be shown."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from services.pages.forms import FormRefused
from services.review.console import Console, see
from services.review.deciding import UnknownVacancy
from services.review.guard import SAFE, FormNotOurs, NotSignedIn


def add_to(app: FastAPI, console: Console) -> None:
    """Translate our errors into pages, once."""

    def page(request: Request, status: int, heading: str, words: str) -> Response:
        return console.pages.render(
            request, "trouble.html", status=status, heading=heading, words=words
        )

    @app.exception_handler(NotSignedIn)
    async def sign_in_first(request: Request, _: Exception) -> Response:
        if request.method not in SAFE:
            return see("/sign-in")
        path = request.url.path
        return see("/sign-in" if path == "/" else f"/sign-in?{urlencode({'after': path})}")

    @app.exception_handler(FormNotOurs)
    async def not_ours(request: Request, _: Exception) -> Response:
        return page(
            request,
            403,
            "That form has expired",
            "Nothing was changed. Go back to the work list and open the page again.",
        )

    @app.exception_handler(FormRefused)
    async def not_a_form(request: Request, _: Exception) -> Response:
        return page(
            request,
            422,
            "That form was not complete",
            "Nothing was changed. Go back to the work list and open the page again.",
        )

    @app.exception_handler(UnknownVacancy)
    @app.exception_handler(RequestValidationError)
    @app.exception_handler(404)
    async def not_found(request: Request, _: Exception) -> Response:
        return page(
            request,
            404,
            "Page not found",
            "Nothing is kept under that address. It may have been typed or copied wrongly.",
        )

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        return page(request, error.status_code, "That cannot be done", "Nothing was changed.")
