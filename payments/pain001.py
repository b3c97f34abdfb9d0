"""Writing ISO 20022 credit transfers: pain.001.001.09 with UK sort codes and account numbers.

GBDSC clearing codes for the agents and `Othr` accounts with scheme BBAN; amounts with two decimals; the sums in the header and in the
payment block equal the parts.
"""

import re
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from payments.models import Payment, PaymentRun

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


def write(run: "PaymentRun", *, at: datetime) -> str:
    """The whole message for the payments that are in the run, in id order."""
    payments = list(run.payments.filter(state="in_run").select_related("bank_account", "award", "claim").order_by("pk"))
    paying = run.paying_account()
    if paying is None:
        raise ValueError("there is no account to pay from")
    root = ET.Element("Document", xmlns=NAMESPACE)
    message = ET.SubElement(root, "CstmrCdtTrfInitn")
    total = sum(payment.amount_pence for payment in payments)
    _header(message, run, at=at, count=len(payments), total=total, name=paying.name)
    block = _block(message, run, count=len(payments), total=total)
    _party(block, "Dbtr", paying.name)
    _account(block, "DbtrAcct", paying.account_number, currency=True)
    _agent(block, "DbtrAgt", paying.sort_code)
    _text(block, "ChrgBr", "SLEV")
    for payment in payments:
        _transfer(block, payment)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False, short_empty_elements=True).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def amount(pence: int) -> str:
    """1234567 → "12345.67"."""
    return f"{pence // 100}.{pence % 100:02d}"


def plain(text: str, limit: int) -> str:
    """Text that every bank takes: Latin letters, digits and a little punctuation."""
    return re.sub(r"\s+", " ", re.sub(r"[^A-Za-z0-9/\-?:().,'+ ]", " ", text)).strip()[:limit].strip() or "NOT PROVIDED"


def _header(message: ET.Element, run: "PaymentRun", *, at: datetime, count: int, total: int, name: str) -> None:
    header = ET.SubElement(message, "GrpHdr")
    _text(header, "MsgId", run.reference)
    _text(header, "CreDtTm", at.isoformat(timespec="seconds"))
    _text(header, "NbOfTxs", str(count))
    _text(header, "CtrlSum", amount(total))
    _text(ET.SubElement(header, "InitgPty"), "Nm", plain(name, 140))


def _block(message: ET.Element, run: "PaymentRun", *, count: int, total: int) -> ET.Element:
    block = ET.SubElement(message, "PmtInf")
    _text(block, "PmtInfId", f"{run.reference}-1")
    _text(block, "PmtMtd", "TRF")
    _text(block, "BtchBookg", "false")
    _text(block, "NbOfTxs", str(count))
    _text(block, "CtrlSum", amount(total))
    _text(ET.SubElement(ET.SubElement(block, "PmtTpInf"), "SvcLvl"), "Cd", "NURG")
    _date(ET.SubElement(block, "ReqdExctnDt"), run.pays_on)
    return block


def _transfer(block: ET.Element, payment: "Payment") -> None:
    account = payment.bank_account
    if account is None:
        raise ValueError(f"payment {payment.pk} has no account")
    transfer = ET.SubElement(block, "CdtTrfTxInf")
    identity = ET.SubElement(transfer, "PmtId")
    _text(identity, "InstrId", payment.end_to_end)
    _text(identity, "EndToEndId", payment.end_to_end)
    _text(identity, "UETR", _uetr(payment.end_to_end))
    instructed = ET.SubElement(ET.SubElement(transfer, "Amt"), "InstdAmt", Ccy="GBP")
    instructed.text = amount(payment.amount_pence)
    _agent(transfer, "CdtrAgt", account.sort_code)
    _party(transfer, "Cdtr", account.name)
    _account(transfer, "CdtrAcct", account.account_number)
    _text(ET.SubElement(transfer, "RmtInf"), "Ustrd", plain(f"GRANT {payment.award.reference}", 18))


def _uetr(end_to_end: str) -> str:
    """A reference for end-to-end tracking, the same whenever it is asked for; shaped as a version 4 UUID as the schema demands."""
    digits = uuid5(NAMESPACE_URL, f"pumphouse:payment:{end_to_end}").hex
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{digits[16:20]}-{digits[20:]}"


def _party(parent: ET.Element, tag: str, name: str) -> None:
    party = ET.SubElement(parent, tag)
    _text(party, "Nm", plain(name, 140))
    _text(ET.SubElement(party, "PstlAdr"), "Ctry", "GB")


def _account(parent: ET.Element, tag: str, number: str, *, currency: bool = False) -> None:
    account = ET.SubElement(parent, tag)
    other = ET.SubElement(ET.SubElement(account, "Id"), "Othr")
    _text(other, "Id", number)
    _text(ET.SubElement(other, "SchmeNm"), "Cd", "BBAN")
    if currency:
        _text(account, "Ccy", "GBP")


def _agent(parent: ET.Element, tag: str, sort_code: str) -> None:
    member = ET.SubElement(ET.SubElement(ET.SubElement(parent, tag), "FinInstnId"), "ClrSysMmbId")
    _text(ET.SubElement(member, "ClrSysId"), "Cd", "GBDSC")
    _text(member, "MmbId", sort_code)


def _date(parent: ET.Element, day: date) -> None:
    _text(parent, "Dt", day.isoformat())


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
