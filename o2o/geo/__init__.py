"""Space: WGS84 (lon, lat) in, whole metres and seconds out. Pure: no input or output, no clock.

Words: a *zone* is a polygon a store delivers to; a *place* is a `LonLat`; *travel* is int seconds and metres.
Rule: inside the house every point is WGS84 in the order lon, lat; other datums are converted at the doors with `datum`.
"""
