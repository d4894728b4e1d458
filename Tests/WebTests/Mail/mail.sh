#!/usr/bin/env bash
# Makes a real mail from a verdict's header fields, checks it by RFC 8058 and presses its link as a mailbox provider does.
#
#   mail.sh URL KEY PUBLIC_URL
#
# URL is the service, PUBLIC_URL the name that its links have. KEY may check and write. MAYSEND_TEST_VENV names the Python
# that has dkimpy.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$MAYSEND_TEST_VENV/bin/python" -B "$here/mail.py" "$@"
