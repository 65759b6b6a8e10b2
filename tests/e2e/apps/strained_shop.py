"""A shop with three faults, each beside the same done well."""

import os
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
from fastapi import FastAPI
from fastapi.responses import FileResponse

app = FastAPI()
ROWS = [{"id": number, "title": f"book {number}", "tags": ["a", "b", "c"]} for number in range(12_000)]


class Quick(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


service = ThreadingHTTPServer(("127.0.0.1", 0), Quick)
threading.Thread(target=service.serve_forever, daemon=True).start()
URL = f"http://127.0.0.1:{service.server_address[1]}/"


def connect():
    return psycopg.connect(os.environ["DATABASE_URL"])


@app.get("/pay")
def pay():
    with connect() as connection:
        connection.execute("UPDATE stock SET n = n + 1 WHERE id = %s", [1])
        time.sleep(0.25)  # the mail is sent before the commit
    return {"ok": True}


@app.get("/pay-well")
def pay_well():
    with connect() as connection:
        connection.execute("UPDATE stock SET n = n + 2 WHERE id = %s", [2])
    time.sleep(0.25)
    return {"ok": True}


@app.get("/many-well")
def many_well():
    with connect() as connection:
        for _ in range(40):
            connection.execute("SELECT n FROM stock WHERE id = %s", [2])
            time.sleep(0.004)
    return {"ok": True}


@app.get("/report-well")
def report_well():
    with connect() as connection:
        connection.execute("SELECT count(*), pg_sleep(0.25) FROM stock")
    return {"ok": True}


@app.get("/ask")
def ask():
    return {"answer": urllib.request.urlopen(URL).read().decode()}  # waits for ever


@app.get("/ask-well")
def ask_well():
    return {"answer": urllib.request.urlopen(URL, timeout=5).read().decode()}


@app.get("/books")
def books():
    return ROWS


@app.get("/books-well")
def books_well():
    return ROWS[:50]


@app.get("/file-well")
def file_well():
    return FileResponse(os.environ["LARGE_FILE"])
