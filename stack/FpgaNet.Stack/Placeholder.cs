// Assembly marker until the first type lands.
