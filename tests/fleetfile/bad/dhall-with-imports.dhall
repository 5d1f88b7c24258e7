let base = https://example.test/base.dhall in base
