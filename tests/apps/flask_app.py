"""A Flask application, a factory that takes an optional name, and one that needs arguments."""

from flask import Flask, jsonify


def create_app(name="shop"):
    made = Flask(name)

    @made.get("/users/<int:user_id>")
    def user(user_id):
        return jsonify(id=user_id)

    @made.route("/ping", methods=["GET"])
    def ping():
        return "pong"

    @made.route("/users", methods=["GET", "POST"])
    def users():
        return jsonify([])

    return made


def demanding(name, size):
    return create_app(name)


app = create_app()
