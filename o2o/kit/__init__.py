"""Values with no opinion about retail: ids, money, time, errors, events. No input, no output."""
