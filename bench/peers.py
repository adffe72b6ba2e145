"""Other people's tools, as someone who knows them would set them up; `scrape.py` and `measure.py` run them, with a Python that has them.

python bench/peers.py has
    names those that can be imported, with versions, as JSON
python bench/peers.py scrapy START FOLDER PIPELINE CONCURRENCY
    PIPELINE: images (decoded, saved as JPEG), files (as fetched)
python bench/peers.py img2dataset LIST FOLDER FORMAT THREADS
    LIST: a text file of picture addresses; FORMAT: files, webdataset
python bench/peers.py cleanvision LIST WORKERS
    LIST: a text file of pictures' paths; prints the seconds that its default checks took, without its start, and those of processor time
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import sys
import time
from pathlib import Path

NAMES = ("scrapy", "img2dataset", "cleanvision")


def scrapy(start: str, folder: str, pipeline: str, concurrency: str) -> None:
    """Crawl the site at `start` and store its pictures under `folder`; what the pages say goes to `items.jsonl` there."""
    from scrapy import Spider
    from scrapy.crawler import CrawlerProcess

    class Art(Spider):
        name = "art"
        start_urls = (start,)

        def parse(self, response):  # type: ignore[no-untyped-def]
            for link in response.css("a.entry-link"):
                yield response.follow(link, self.unit if "/unit/" in link.attrib["href"] else self.parse)

        def unit(self, response):  # type: ignore[no-untyped-def]
            yield {
                "page_url": response.url,
                "title": response.css("h1.title::text").get(),
                "fields": {row.css("th::text").get(): row.css("td::text").get() for row in response.css("table.facts tr")},
                "text": " ".join(response.css("main > p::text").getall()),
                f"{'image' if pipeline == 'images' else 'file'}_urls": [
                    response.urljoin(source) for source in response.css("figure.picture img::attr(src)").getall()
                ],
            }

    stored = "Images" if pipeline == "images" else "Files"
    process = CrawlerProcess(
        {
            "ITEM_PIPELINES": {f"scrapy.pipelines.{pipeline}.{stored}Pipeline": 1},
            f"{stored.upper()}_STORE": folder,
            "FEEDS": {Path(folder, "items.jsonl").as_uri(): {"format": "jsonlines"}},
            "CONCURRENT_REQUESTS": int(concurrency),
            "CONCURRENT_REQUESTS_PER_DOMAIN": int(concurrency),
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "ROBOTSTXT_OBEY": True,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "WARNING",
        }
    )
    process.crawl(Art)
    process.start()


def img2dataset(addresses: str, folder: str, form: str, threads: str) -> None:
    """Fetch every address of the text file into `folder`, bytes as they are."""
    from img2dataset import download

    count = len(Path(addresses).read_text(encoding="utf-8").split())
    download(
        addresses,
        output_folder=folder,
        output_format=form,
        processes_count=2,
        thread_count=int(threads),
        number_sample_per_shard=max(1, -(-count // 2)),  # a shard is one process's work: by default all would go to one
        resize_mode="no",
        disable_all_reencoding=True,
        extract_exif=False,
        enable_wandb=False,
        retries=0,
        max_shard_retry=0,
    )


def cleanvision(paths: str, workers: str) -> None:
    """Look for every issue it knows in the pictures of the text file; print how long that took, seconds by the clock and of processors."""
    from cleanvision import Imagelab

    lab = Imagelab(filepaths=Path(paths).read_text(encoding="utf-8").splitlines(), verbose=False)
    began, busy = time.perf_counter(), sum(os.times()[:4])
    lab.find_issues(n_jobs=int(workers), verbose=False)
    print(f"\n{time.perf_counter() - began} {sum(os.times()[:4]) - busy}")


def has() -> None:
    """Print the peers that this Python has."""
    print(json.dumps({name: importlib.metadata.version(name) for name in NAMES if importlib.util.find_spec(name)}))


if __name__ == "__main__":
    {"has": has, "scrapy": scrapy, "img2dataset": img2dataset, "cleanvision": cleanvision}[sys.argv[1]](*sys.argv[2:])
