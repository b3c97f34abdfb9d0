"""Encrypted values and blind indexes, without a database."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.test.utils import isolate_apps

from accounts.encryption import CannotDecrypt, EncryptedTextField, blind_index, decrypt, encrypt

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


def test_a_value_comes_back_and_is_not_in_the_token(settings):
    settings.FIELD_KEYS = [NEW]
    token = encrypt("12-34-56")
    assert "12-34-56" not in token
    assert decrypt(token) == "12-34-56"
    assert encrypt("12-34-56") != token


def test_a_new_key_in_front_still_reads_what_the_old_one_wrote(settings):
    settings.FIELD_KEYS = [OLD]
    token, index = encrypt("secret"), blind_index("secret", purpose="x")
    settings.FIELD_KEYS = [NEW, OLD]
    assert decrypt(token) == "secret"
    assert blind_index("secret", purpose="x") == index
    fresh = encrypt("secret")
    settings.FIELD_KEYS = [OLD]
    with pytest.raises(CannotDecrypt):
        decrypt(fresh)


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAA" + "A" * 90])
def test_what_was_tampered_with_is_not_read(settings, token):
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CannotDecrypt):
        decrypt(token)


def test_blind_indexes_match_by_value_and_differ_by_purpose_and_key(settings):
    settings.FIELD_KEYS = [NEW]
    here = blind_index("12345678", purpose="account")
    assert here == blind_index("12345678", purpose="account")
    assert len(here) == 64
    assert here != blind_index("12345679", purpose="account")
    assert here != blind_index("12345678", purpose="sort code")
    settings.FIELD_KEYS = [OTHER]
    assert here != blind_index("12345678", purpose="account")


@pytest.mark.parametrize("keys", [[], ["too-short"], ["not a key at all, but quite long, is it not?"]])
def test_keys_that_are_nonsense_are_named(settings, keys):
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        encrypt("x")
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        blind_index("x", purpose="y")


@isolate_apps("accounts")
def test_the_field_writes_tokens_reads_text_and_refuses_to_be_searched(settings):
    settings.FIELD_KEYS = [NEW]

    class Holder(models.Model):
        secret = EncryptedTextField(null=True)

        class Meta:
            app_label = "accounts"

        def __str__(self):
            return "holder"

    field = Holder._meta.get_field("secret")
    token = field.get_prep_value("plain")
    assert decrypt(token) == "plain"
    assert field.from_db_value(token, None, None) == "plain"
    assert field.get_prep_value(None) is None
    assert field.from_db_value(None, None, None) is None
    with pytest.raises(FieldError, match="blind index"):
        Holder.objects.filter(secret="plain")
    assert "IS NULL" in str(Holder.objects.filter(secret=None).query)
