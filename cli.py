"""Run the toolkit from a checkout: `python cli.py scrape mahq`. Installed, the same is `pipeline scrape mahq`."""

from pipeline.commands import app

if __name__ == "__main__":
    app()
