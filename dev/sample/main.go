// The sample app: a shop. Without a word more it serves its page, which proves which image and which settings it runs
// with; the commands are for the other lines of its Procfile and for the scripts of its app.json.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

var commands = map[string]func(context.Context) error{
	"":        serve,
	"migrate": migrate,
	"seed":    seed,
	"work":    work,
	"goodbye": goodbye,
}

func main() {
	log.SetFlags(0)
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	command, known := commands[strings.Join(os.Args[1:], " ")]
	if !known {
		log.Fatal("usage: shop [migrate | seed | work | goodbye]")
	}
	if err := command(stop); err != nil {
		log.Fatal(err)
	}
}
