"""Who may: keys, tokens, tickets, and the record of who did what. Knows neither HTTP nor conferences."""
