"""Aadhaar numbers are found whatever stands between their digits, and in the digits of any script.

Whoever's verification holds one that was not found before is verified no more: the number must not stay, and to ask
again takes a minute.
"""

from alembic import op

revision = "20261123_aadhaar"
down_revision = "20261123_muted_words"
branch_labels = None
depends_on = None

# fmt: off
_ZEROS = (
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50,
    0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0,
    0x1E950, 0x1FBF0,
)
# fmt: on
_DIGITS = "".join(chr(zero + value) for zero in _ZEROS for value in range(10))
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_TIME = "20[0-9]{2}-[01][0-9]-[0-3][0-9]t[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:[.][0-9]{1,6})?(z|[+-][0-9]{2}:[0-9]{2})"

# Twelve digits, of which the last is a Verhoeff check digit, with anything between them that is no letter. Digits next
# to a-f are part of a hash; the ids and times that are known by their form are looked at no further. Every position is
# tried, since longer runs of digits may hold a number anywhere. (`:alpha` would be a parameter, `\:alpha` is none.)
HOLDS_AADHAAR = rf"""
CREATE OR REPLACE FUNCTION holds_aadhaar(document jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
  known CONSTANT text := '(?<![0-9a-z])(?:(?=[0-9-]{{0,35}}[a-f]){_UUID}|{_TIME})(?![0-9a-z])';
  pattern CONSTANT text := '(?<![0-9a-f])[0-9](?: ?[0-9]){{11}}(?![0-9a-f])';
  product CONSTANT integer[][] := ARRAY[
    [0,1,2,3,4,5,6,7,8,9], [1,2,3,4,0,6,7,8,9,5], [2,3,4,0,1,7,8,9,5,6], [3,4,0,1,2,8,9,5,6,7], [4,0,1,2,3,9,5,6,7,8],
    [5,9,8,7,6,0,4,3,2,1], [6,5,9,8,7,1,0,4,3,2], [7,6,5,9,8,2,1,0,4,3], [8,7,6,5,9,3,2,1,0,4], [9,8,7,6,5,4,3,2,1,0]];
  permutation CONSTANT integer[][] := ARRAY[
    [0,1,2,3,4,5,6,7,8,9], [1,5,7,6,2,8,3,0,9,4], [5,8,0,3,7,9,6,1,4,2], [8,9,1,6,0,4,3,5,2,7],
    [9,4,5,3,1,2,6,8,7,0], [4,2,8,6,5,7,3,9,0,1], [2,7,9,3,8,0,6,4,1,5], [7,0,4,6,9,1,3,2,5,8]];
  content text COLLATE pg_c_utf8;
  place integer := 0;
  digits text;
  checksum integer;
BEGIN
  -- JSON writes controls with letters and digits
  content := regexp_replace(document::text, '\\(?:["\\bfnrt]|u00[0-9a-f]{{2}})', ' ', 'g');
  content := translate(lower(content), '{_DIGITS}', repeat('0123456789', {len(_ZEROS)}));
  content := regexp_replace(content, known, 'x', 'g');
  content := regexp_replace(content, '[^0-9[\:alpha\:]]+', ' ', 'g');
  LOOP
    place := regexp_instr(content, pattern, place + 1);
    EXIT WHEN place = 0;
    digits := reverse(replace(regexp_substr(content, pattern, place), ' ', ''));
    checksum := 0;
    FOR i IN 0..11 LOOP
      checksum := product[checksum + 1][permutation[i % 8 + 1][substr(digits, i + 1, 1)::integer + 1] + 1];
    END LOOP;
    IF checksum = 0 THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END;
$$
"""


def upgrade() -> None:
    op.execute(HOLDS_AADHAAR)
    op.execute(
        "UPDATE users SET verified_status = 'none', verification_meta = NULL WHERE holds_aadhaar(verification_meta)"
    )
