"""The session cookie: signed, without an age, and with nothing in it that tells who it is."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature


class SteadySessions(SecureCookieSessionInterface):
    """Sessions end with their seat (``Seats``, monotonic) or with the process, not by the date.

    The framework's own judge a cookie's age by the wall clock, which on a node may jump by years
    while somebody is filling in a form.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        serializer = self.get_signing_serializer(app)
        assert serializer is not None, "the application has a key"
        try:
            found = serializer.loads(request.cookies.get(self.get_cookie_name(app), ""))
        except BadSignature:
            found = {}
        return self.session_class(found)
