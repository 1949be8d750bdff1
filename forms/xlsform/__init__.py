"""XLSForm, the questionnaire as a spreadsheet: in with a finding for every cell that is not taken, and out again.

sheets.py      bytes → rows of texts by heading
lists.py       the sheet of choices
types.py       the words of the column «type»
languages.py   label::Русский (ru)
names.py       names, codes and expressions made fit
questions.py   a row → a question
reader.py      sheets → Definition and findings        read, Imported
writer.py      Definition → workbook                   write
findings.py    what was found and where                Finding, Place
words.py       the sentences for it                    sentences

pyxform, the reference converter, is a witness in the tests and not the reader: its complaints name a row at most,
it stops at the first, and it takes formulas that are prose.
"""

from __future__ import annotations

from forms.xlsform.findings import Finding, Place
from forms.xlsform.reader import Imported, read
from forms.xlsform.words import sentences
from forms.xlsform.writer import write

__all__ = ["Finding", "Imported", "Place", "read", "sentences", "write"]
