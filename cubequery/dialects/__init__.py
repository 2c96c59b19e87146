"""The further request languages over the same engine, one package each: text to parameters, results to the service's own answers."""
