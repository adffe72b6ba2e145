"""What a person is told while a run goes on: tables, warnings, a page. Everything here looks on, and changes nothing that is learnt."""
