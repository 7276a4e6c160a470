"""Matrix <-> PostgreSQL: what happens in rooms becomes metadata rows, what people do in Meton happens in rooms."""
