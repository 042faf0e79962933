"""城市: a district from an OpenStreetMap extract: stores, customers' doors, roads, map; the demo's goods and people.

Words: an *extract* is a .osm.pbf file; a *door* is a place an order can be brought to.
Rule: an import that fails changes nothing, neither a table nor a file in force.
"""
