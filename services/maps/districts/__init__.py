"""The shapes of Seoul's districts: read from official boundaries, or drawn schematically; and which one a point is in.

Pure geometry, no database. A *frame of districts* is a GeoDataFrame in WGS84 (EPSG:4326) with the columns ``code``
(MOIS), ``name`` (Korean) and ``geometry``, one row per district in the order of the codes.
"""
