module reviewbot.dev/sample

go 1.26
