"""Files of people, as programs write them."""

from __future__ import annotations

import pytest

from tracker.errors import InvalidAnswer
from tracker.services import address_book

HEAD = "Navn\tE-post\tTittel\tKommune\n"
OUTLOOK = (  # vCard 2.1, as Outlook saves a contact
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;LANGUAGE=nb;CHARSET=Windows-1252:\xd8y;\xc5se\r\n"
    b"FN;CHARSET=Windows-1252:\xc5se \xd8y\r\nORG;CHARSET=Windows-1252:Elvedal kommune;Kultur\r\n"
    b"TITLE;ENCODING=QUOTED-PRINTABLE;CHARSET=Windows-1252:Ordf=F8rer i =\r\nElvedal\r\n"
    b"EMAIL;PREF;INTERNET:ase@elvedal.example\r\nEND:VCARD\r\n"
)
IPHONE = (  # 3.0, with groups, folding and escapes; two people in one file
    "BEGIN:VCARD\nVERSION:3.0\nN:Moe;Kari;;;\nFN:Kari Moe\nitem1.EMAIL;type=INTERNET;type=pref:kari@mo\n"
    " land.example\nTEL:12345678\nORG:Moland\\, Nord;\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:4.0\nN:Nordmann;Ola;;;\nEMAIL:mailto:ola@moland.example\n"
    "TITLE:Vara\\nog mer\nPHOTO:data:image/png;base64,AAAA\nEND:VCARD\n"
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (OUTLOOK, HEAD + "Åse Øy\tase@elvedal.example\tOrdfører i Elvedal\tElvedal kommune"),
        (
            IPHONE.encode(),
            HEAD + "Kari Moe\tkari@moland.example\t\tMoland, Nord\n"
            "Ola Nordmann\tola@moland.example\tVara og mer\t",
        ),
        ("Navn;E-post\r\nÅse;a@b.example\r\n".encode("cp1252"), "Navn\tE-post\nÅse\ta@b.example"),
        ('\ufeffNavn,Tittel\n"Øy, Åse","a\nb"\n'.encode(), "Navn\tTittel\nØy, Åse\ta b"),
        ("Navn\tE-post\nÅse\ta@b.example".encode("utf-16"), "Navn\tE-post\nÅse\ta@b.example"),
        (b"", ""),
    ],
)
def test_people_come_out_of_files(content: bytes, expected: str) -> None:
    assert address_book.as_list(content) == expected


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04\x14\x00\x06", b"x" * (address_book.LARGEST + 1), b'"' + b"x" * 200_000]
)
def test_what_is_no_list_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(InvalidAnswer):
        address_book.as_list(content)
