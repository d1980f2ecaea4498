"""A real OpenID Connect provider on loopback: discovery, authorisation with PKCE, token with a signed ID token."""

import base64
import hashlib
import json
import threading
import time
from types import TracebackType
from urllib.parse import parse_qs, urlencode

from joserfc import jwk, jwt
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response


class Provider:
    """Serves while it is open. `subject` is who signs in; `forge` signs with a key that was never published."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.subject = "citizen-1"
        self.forge = False
        self._key = jwk.RSAKey.generate_key(2048, parameters={"kid": "one"})
        self._other_key = jwk.RSAKey.generate_key(2048, parameters={"kid": "one"})
        self._asked: dict[str, dict[str, str]] = {}
        self._server = make_server("127.0.0.1", 0, self, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Provider":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def authorize(self, address: str) -> str:
        """What the person's browser does at the provider; the query string to come back with."""
        asked = {key: values[0] for key, values in parse_qs(address.partition("?")[2]).items()}
        assert asked["client_id"] == self.client_id
        code = f"code-{len(self._asked)}"
        self._asked[code] = asked
        return urlencode({"code": code, "state": asked["state"]})

    def __call__(self, environ, start_response):
        request = Request(environ)
        answers = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": lambda _request: {"keys": [self._key.as_dict(private=False)]},
            "/token": self._token,
        }
        body = answers[request.path](request)
        status = 400 if "error" in body else 200
        return Response(json.dumps(body), status, content_type="application/json")(environ, start_response)

    def _discovery(self, _request: Request) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _token(self, request: Request) -> dict[str, object]:
        asked = self._asked.pop(request.form["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != proof.rstrip(b"=").decode():
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.client_id,
            "name": "시민 하나",
            "nonce": asked["nonce"],
            "iat": int(time.time()),
            "exp": int(time.time()) + 60,
        }
        key = self._other_key if self.forge else self._key
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token}
