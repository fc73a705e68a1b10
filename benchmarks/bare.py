"""The yardstick: a bare Starlette application on uvicorn, a JSON answer to GET and to POST."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def me(request: Request) -> JSONResponse:
    return JSONResponse({"id": 1, "email": "ada@example.com", "name": "Ada"})


async def create(request: Request) -> JSONResponse:
    body = await request.json()
    return JSONResponse({"email": body["email"], "id": 1}, 201)


app = Starlette(
    routes=[
        Route("/auth/users/me/", me),
        Route("/auth/users/", create, methods=["POST"]),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
