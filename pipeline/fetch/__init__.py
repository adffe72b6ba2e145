"""The one way to a website: polite, wary, and with a memory.

Nothing else in the program opens a connection to a site. A `client.Fetcher` asks for one block of a manifest, over the
`network.Network` that all blocks share; `store.Store` remembers every answer. What a site is owed and what it is not trusted with:

- every attempt and every redirect hop waits its turn at its host (`pace`), is allowed by the host's robots.txt and by no opt-out
  forbidden (`rules`, `optout`), and goes to a checked address (`address`, `transport`): `requests` follows no redirect here and
  urllib3 retries nothing;
- a host name is looked up once per connection, each address is judged, and the socket is opened to a judged address, so a
  name that changes its answer between check and use gains nothing; the TLS name and the Host header stay the host's;
- a body is counted while it comes in, before and after decompression, and against the clock; a picture's goes to the disk as it
  comes;
- no cookies are kept, no `.netrc` is read, and no proxy is used: a proxy would look names up itself, and the address check
  would check nothing. Where the environment names a proxy, a failed connection says so.
"""
