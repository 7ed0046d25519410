// The sample app: one page that proves which image and which settings it runs with.
package main

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

type setting struct{ Name, Value string }

type page struct {
	Greeting, Commit, Version string
	Settings                  []setting
	SecretLength              int
}

var front = template.Must(template.New("front").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Greeting}}</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
dt { font-weight: 600 } dd { margin: 0 0 .6rem } code { background: #eee; padding: .1rem .3rem }
</style>
</head>
<body>
<h1>{{.Greeting}}</h1>
<dl>
<dt>Commit</dt><dd><code id="commit">{{.Commit}}</code></dd>
<dt>Image built from</dt><dd><code id="version">{{.Version}}</code></dd>
{{range .Settings}}<dt>{{.Name}}</dt><dd><code id="{{.Name}}">{{.Value}}</code></dd>
{{end}}<dt>SESSION_SECRET</dt>
<dd id="SESSION_SECRET">{{if .SecretLength}}set, {{.SecretLength}} characters{{else}}not set{{end}}</dd>
</dl>
</body>
</html>
`))

func describe(version string) page {
	settings := []setting{{"PAYMENTS_URL", cmp.Or(os.Getenv("PAYMENTS_URL"), "not set")}}
	return page{
		Greeting: cmp.Or(os.Getenv("GREETING"), "Shop"),
		Commit:   cmp.Or(os.Getenv("REVIEWBOT_SHA"), os.Getenv("HEROKU_SLUG_COMMIT"), "unknown"),
		Version:  version,
		Settings: settings,
		// Its value is nobody's business, not even on a preview.
		SecretLength: len(os.Getenv("SESSION_SECRET")),
	}
}

func handler(shown page) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := front.Execute(w, shown); err != nil {
			log.Print(err)
		}
	})
	return mux
}

func main() {
	baked, err := os.ReadFile("VERSION")
	if err != nil {
		baked = []byte("unknown")
	}
	server := &http.Server{
		Addr:              ":" + cmp.Or(os.Getenv("PORT"), "8080"),
		Handler:           handler(describe(strings.TrimSpace(string(baked)))),
		ReadHeaderTimeout: 10 * time.Second,
	}
	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop.Done()
		finish, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		server.Shutdown(finish)
	}()
	log.Printf("listening on %s", server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
