"""At the shelf: goods come in, are sold over the counter, thrown away, counted, past their date, not found by a picker. 货架"""
