"""Calls to another service with a time limit and without one, through every client, limits set in every way."""

import asyncio
import http.client
import json
import socket
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import httpx
import requests
import urllib3
from driver import call
from fastapi import FastAPI
from requests.adapters import HTTPAdapter

app = FastAPI()


class Quick(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class Service(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Say nothing of clients that are gone before they have everything: some are, when this process ends."""


service = Service(("127.0.0.1", 0), Quick)
threading.Thread(target=service.serve_forever, daemon=True).start()
PORT = service.server_address[1]
URL = f"http://127.0.0.1:{PORT}/"


class Limiting(HTTPAdapter):
    """Limits whatever goes through it, as many applications have one."""

    def send(self, request, **options):
        return super().send(request, **{**options, "timeout": options.get("timeout") or 5})


def asks_over(connection):
    connection.request("GET", "/")
    return connection.getresponse().read()


@app.get("/urllib")
def urllib_for_ever():
    urllib.request.urlopen(URL).read()


@app.get("/urllib_limited")
def urllib_limited():
    urllib.request.urlopen(URL, timeout=5).read()


@app.get("/urllib_limited_for_all")
def urllib_limited_for_all():
    socket.setdefaulttimeout(5)
    try:
        urllib.request.urlopen(URL).read()
    finally:
        socket.setdefaulttimeout(None)


@app.get("/http_client")
def http_client_for_ever():
    asks_over(http.client.HTTPConnection("127.0.0.1", PORT))


@app.get("/http_client_limited")
def http_client_limited():
    asks_over(http.client.HTTPConnection("127.0.0.1", PORT, timeout=5))


@app.get("/requests")
def requests_for_ever():
    requests.get(URL)


@app.get("/requests_limited")
def requests_limited():
    requests.get(URL, timeout=5)


@app.get("/requests_adapted")
def requests_adapted():
    with requests.Session() as session:
        session.mount("http://", Limiting())
        session.get(URL)


@app.get("/urllib3")
def urllib3_for_ever():
    urllib3.PoolManager().request("GET", URL)


@app.get("/urllib3_limited")
def urllib3_limited():
    urllib3.PoolManager(timeout=5).request("GET", URL)


@app.get("/httpx")
def httpx_for_ever():
    httpx.get(URL, timeout=None)


@app.get("/httpx_limited")
def httpx_limited():
    httpx.get(URL)


@app.get("/httpx_async")
async def httpx_async_for_ever():
    async with httpx.AsyncClient(timeout=None) as client:
        await client.get(URL)


@app.get("/httpx_async_limited")
async def httpx_async_limited():
    async with httpx.AsyncClient(timeout=httpx.Timeout(None, read=5)) as client:
        await client.get(URL)


@app.get("/aiohttp")
async def aiohttp_for_ever():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        await session.get(URL)


@app.get("/aiohttp_limited")
async def aiohttp_limited():
    async with aiohttp.ClientSession() as session:
        await session.get(URL)
        await session.get(URL, timeout=aiohttp.ClientTimeout(total=None, sock_read=5))


async def main():
    own = [route.path for route in app.routes if route.endpoint.__module__ == __name__]
    return {"statuses": {path: (await call(app, path))[0] for path in own}, "port": PORT}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())))
