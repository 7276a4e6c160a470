"""Every error the API answers: RFC 9457 problem documents, in English and Hindi.

One class a problem. `type` is `{public}/api/problems/{name}`, a page that says what it means; it never changes.
Raise one anywhere below the adapter: the transaction is rolled back and the document is the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, ClassVar, NamedTuple

import msgspec


class Text(NamedTuple):
    """The same sentence in the languages of Meton."""

    en: str
    hi: str

    def in_language(self, language: str) -> str:
        """The sentence in `language`; English for one that we do not speak."""
        return self.hi if language == "hi" else self.en


class FieldError(msgspec.Struct):
    """What is wrong with one part of a request."""

    pointer: str
    """JSON pointer into the body (`/caption`), or the name of a parameter."""
    detail: str


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An error with an answer; members given by keyword stand in the document and fill in `{names}` of the detail."""

    name: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[Text]
    detail: ClassVar[Text]

    def __init__(self, **members: Any) -> None:
        super().__init__(self.name)
        self.members = members

    def headers(self) -> dict[str, str]:
        """Headers that go with this answer."""
        return {}

    def document(self, public_url: str, language: str, request_id: str) -> dict[str, Any]:
        """The problem document."""
        return {
            "type": f"{public_url}/api/problems/{self.name}",
            "title": self.title.in_language(language),
            "status": self.status,
            "detail": self.detail.in_language(language).format_map(self.members),
            "instance": f"urn:request:{request_id}",
            **self.members,
        }


def catalogue() -> Iterator[type[Problem]]:
    """Every problem there is, in the order of definition, slices' own included."""
    pending = list(Problem.__subclasses__())
    while pending:
        problem = pending.pop(0)
        yield problem
        pending.extend(problem.__subclasses__())


# -- who you are ------------------------------------------------------------------------------------------------------


class Unauthorized(Problem):
    """No token, or one that is not (or no longer) good. Says nothing about why: that would help only a forger."""

    name = "unauthorized"
    status = HTTPStatus.UNAUTHORIZED
    title = Text("Sign in first", "पहले साइन इन करें")
    detail = Text(
        "This needs a valid access token: sign in, or refresh your session.",
        "इसके लिए मान्य एक्सेस टोकन चाहिए: साइन इन करें या अपना सत्र ताज़ा करें।",
    )

    def headers(self) -> dict[str, str]:
        """RFC 6750."""
        return {"WWW-Authenticate": 'Bearer realm="meton"'}


class AccountSuspended(Problem):
    """The account is suspended by moderation."""

    name = "account-suspended"
    status = HTTPStatus.FORBIDDEN
    title = Text("Your account is suspended", "आपका खाता निलंबित है")
    detail = Text("A moderator has suspended this account.", "एक मॉडरेटर ने यह खाता निलंबित किया है।")


class AccountDeactivated(Problem):
    """The person has deactivated the account, and comes back by signing in."""

    name = "account-deactivated"
    status = HTTPStatus.FORBIDDEN
    title = Text("Your account is deactivated", "आपका खाता निष्क्रिय है")
    detail = Text(
        "You have deactivated this account. Sign in again (`POST /v1/sessions`) and everything is back.",
        "आपने यह खाता निष्क्रिय किया है। फिर से साइन इन करें (`POST /v1/sessions`) और सब कुछ वापस आ जाएगा।",
    )


class CrossSite(Problem):
    """A browser on another site made a request that carries our cookie."""

    name = "cross-site"
    status = HTTPStatus.FORBIDDEN
    title = Text("Not from this site", "इस साइट से नहीं")
    detail = Text("This request may only come from Meton's own pages.", "यह अनुरोध केवल Meton के अपने पन्नों से आ सकता है।")


class SignInRefused(Problem):
    """Keycloak did not take the authorization code."""

    name = "sign-in-refused"
    status = HTTPStatus.BAD_REQUEST
    title = Text("Sign-in did not work", "साइन इन नहीं हो सका")
    detail = Text(
        "The authorization code is wrong, was used before or is too old: start signing in again.",
        "प्राधिकरण कोड ग़लत, पहले से इस्तेमाल किया हुआ या पुराना है: फिर से साइन इन शुरू करें।",
    )


class SessionEnded(Problem):
    """A refresh token that is unknown, used before, or of a session that has ended."""

    name = "session-ended"
    status = HTTPStatus.UNAUTHORIZED
    title = Text("This session has ended", "यह सत्र समाप्त हो गया है")
    detail = Text("Sign in again.", "फिर से साइन इन करें।")


class Forbidden(Problem):
    """Seen, but not yours to change."""

    name = "forbidden"
    status = HTTPStatus.FORBIDDEN
    title = Text("Not allowed", "अनुमति नहीं है")
    detail = Text("You may not do this.", "आप यह नहीं कर सकते।")


# -- what you asked for -----------------------------------------------------------------------------------------------


class NotFound(Problem):
    """What does not exist, and, word for word the same, what one may not see."""

    name = "not-found"
    status = HTTPStatus.NOT_FOUND
    title = Text("Not found", "नहीं मिला")
    detail = Text("There is nothing here that you may see.", "यहाँ ऐसा कुछ नहीं है जिसे आप देख सकें।")


class MethodNotAllowed(Problem):
    """The address is right, the method is not."""

    name = "method-not-allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED
    title = Text("Method not allowed", "यह तरीक़ा मान्य नहीं है")
    detail = Text("This address takes: {allowed}.", "यह पता केवल ये तरीक़े लेता है: {allowed}।")

    def headers(self) -> dict[str, str]:
        """RFC 9110 15.5.6."""
        return {"Allow": str(self.members["allowed"])}


class Malformed(Problem):
    """The request cannot be read at all."""

    name = "malformed"
    status = HTTPStatus.BAD_REQUEST
    title = Text("Cannot read the request", "अनुरोध पढ़ा नहीं जा सका")
    detail = Text("The request is not well formed.", "अनुरोध सही रूप में नहीं है।")


class Invalid(Problem):
    """A field is missing, unknown, of the wrong type or out of range; `errors` says which."""

    name = "invalid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("Something is not right", "कुछ सही नहीं है")
    detail = Text("Look at `errors` for the fields to mend.", "ठीक किए जाने वाले फ़ील्ड `errors` में देखें।")

    def __init__(self, *errors: tuple[str, Text]) -> None:
        """Each error is a JSON pointer (or parameter name) and what is wrong there."""
        super().__init__()
        self.errors = errors

    def document(self, public_url: str, language: str, request_id: str) -> dict[str, Any]:
        """The problem document, with `errors`."""
        errors = [{"pointer": pointer, "detail": text.in_language(language)} for pointer, text in self.errors]
        return {**super().document(public_url, language, request_id), "errors": errors}


class BadCursor(Problem):
    """A `cursor` that this route did not hand out."""

    name = "bad-cursor"
    status = HTTPStatus.BAD_REQUEST
    title = Text("Unknown cursor", "अज्ञात कर्सर")
    detail = Text(
        "Use the `next` of an earlier page of the same list, or leave `cursor` out.",
        "इसी सूची के पिछले पन्ने का `next` इस्तेमाल करें, या `cursor` न दें।",
    )


class TooLarge(Problem):
    """The body is larger than the route takes."""

    name = "too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = Text("Too large", "बहुत बड़ा")
    detail = Text("The request body may have at most {limit} bytes.", "अनुरोध में अधिकतम {limit} बाइट हो सकते हैं।")


class UnsupportedMediaType(Problem):
    """The body is not JSON."""

    name = "unsupported-media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = Text("Send JSON", "JSON भेजें")
    detail = Text(
        "The body must be `Content-Type: application/json`.", "अनुरोध `Content-Type: application/json` होना चाहिए।"
    )


class Conflict(Problem):
    """The state of things does not allow this."""

    name = "conflict"
    status = HTTPStatus.CONFLICT
    title = Text("Not possible now", "अभी संभव नहीं")
    detail = Text("The state of this resource does not allow that.", "इस वस्तु की मौजूदा स्थिति में यह संभव नहीं है।")


# -- repeating --------------------------------------------------------------------------------------------------------


class IdempotencyKeyReused(Problem):
    """The key came before with another request."""

    name = "idempotency-key-reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("This Idempotency-Key was used before", "यह Idempotency-Key पहले इस्तेमाल हो चुकी है")
    detail = Text(
        "It belongs to another request of the last 24 hours: make a new key.",
        "यह पिछले 24 घंटों के किसी दूसरे अनुरोध की है: नई key बनाएँ।",
    )


class RequestInFlight(Problem):
    """The first request with this key has not been answered yet."""

    name = "request-in-flight"
    status = HTTPStatus.CONFLICT
    title = Text("Still working on it", "काम जारी है")
    detail = Text(
        "The first request with this Idempotency-Key is not finished: ask again in a moment.",
        "इस Idempotency-Key का पहला अनुरोध अभी पूरा नहीं हुआ है: थोड़ी देर में फिर पूछें।",
    )

    def headers(self) -> dict[str, str]:
        """Soon."""
        return {"Retry-After": "1"}


class TooManyRequests(Problem):
    """The rate limit; `retry_after` is in seconds."""

    name = "too-many-requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = Text("Too many requests", "बहुत ज़्यादा अनुरोध")
    detail = Text("Try again in {retry_after} seconds.", "{retry_after} सेकंड बाद फिर कोशिश करें।")

    def headers(self) -> dict[str, str]:
        """Seconds, RFC 9110 10.2.3."""
        return {"Retry-After": str(self.members["retry_after"])}


# -- us ---------------------------------------------------------------------------------------------------------------


class InternalError(Problem):
    """A bug of ours; the log has the request id."""

    name = "internal-error"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = Text("Our mistake", "हमारी ग़लती")
    detail = Text(
        "Something went wrong here. Tell us the `instance` when you report it.",
        "यहाँ कुछ गड़बड़ हो गई। सूचना देते समय `instance` बताएँ।",
    )


class Unavailable(Problem):
    """Something we depend on does not answer; trying again later will help."""

    name = "unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = Text("Not available right now", "अभी उपलब्ध नहीं")
    detail = Text("Try again in a few seconds.", "कुछ सेकंड बाद फिर कोशिश करें।")

    def headers(self) -> dict[str, str]:
        """A few seconds."""
        return {"Retry-After": "5"}
