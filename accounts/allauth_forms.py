"""allauth's forms in our words: labels in sentence case, no placeholders, hints that say what is asked."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn

from accounts.forms import PASSPHRASE_HINT

LABELS = {
    "login": "Email address",
    "email": "Email address",
    "password": "Password",
    "password1": "Password",
    "oldpassword": "Current password",
    "code": "Code",
    "name": "Name",
    "passwordless": "This is a passkey: it can sign me in without a password",
}


class PlainWords:
    """Mixed into a form: our labels and hints in place of allauth's."""

    fields: dict[str, Any]
    words: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.words.get(name) or LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            field.help_text = PASSPHRASE_HINT if name == "password1" else ""


class SignIn(PlainWords, account.LoginForm):
    pass


class SignUp(PlainWords, account.SignupForm):
    words = {"name": "Your name"}


class ChangeEmail(PlainWords, account.ChangeEmailForm):
    words = {"email": "New email address"}


class AddEmail(PlainWords, account.AddEmailForm):
    words = {"email": "New email address"}


class ChangePassword(PlainWords, account.ChangePasswordForm):
    words = {"password1": "New password", "password2": "New password again"}


class SetPassword(PlainWords, account.SetPasswordForm):
    words = {"password2": "Password again"}


class ResetPassword(PlainWords, account.ResetPasswordForm):
    pass


class ResetPasswordKey(PlainWords, account.ResetPasswordKeyForm):
    words = {"password1": "New password", "password2": "New password again"}


class Reauthenticate(PlainWords, account.ReauthenticateForm):
    pass


class RequestCode(PlainWords, account.RequestLoginCodeForm):
    pass


class ConfirmSignInCode(PlainWords, account.ConfirmLoginCodeForm):
    pass


class ConfirmEmailCode(PlainWords, account.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmResetCode(PlainWords, account.ConfirmPasswordResetCodeForm):
    pass


class Authenticate(PlainWords, mfa.AuthenticateForm):
    pass


class ReauthenticateWithCode(PlainWords, mfa.ReauthenticateForm):
    pass


class ActivateApp(PlainWords, totp.ActivateTOTPForm):
    words = {"code": "Code that the app shows now"}


class AddKey(PlainWords, webauthn.AddWebAuthnForm):
    pass


class RenameKey(PlainWords, webauthn.EditWebAuthnForm):
    pass
