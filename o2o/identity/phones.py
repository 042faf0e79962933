"""Phone numbers as E.164, mainland China unless they say otherwise; and masked, which is all that leaves. Pure."""

import phonenumbers

from o2o.kit.errors import Invalid

REGION = "CN"


class BadPhone(Invalid):
    """This is not a mobile phone number that can receive a message."""

    code = "identity.bad_phone"


def e164(text: str) -> str:
    """`138 1234 5678` or `+86-13812345678` as `+8613812345678`.

    Raises:
        BadPhone: not a valid number, or a fixed line. The number itself is not repeated.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise BadPhone(field="phone") from error
    kind = phonenumbers.number_type(number)
    mobile = kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not phonenumbers.is_valid_number(number) or not mobile or number.extension:
        raise BadPhone(field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(phone: str) -> str:
    """`+8613812345678` as `138****5678`; numbers of other countries keep their code and last two digits."""
    if phone.startswith("+86") and len(phone) == 14:
        return f"{phone[3:6]}****{phone[-4:]}"
    return f"{phone[:3]}****{phone[-2:]}"
