"""Telephony providers: requests out, callbacks in. Touch no state; every quirk of a platform ends here."""
