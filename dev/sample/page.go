package main

import (
	"cmp"
	"html/template"
	"os"
	"strings"
)

type page struct {
	about
	Stock *stock
}

type about struct {
	Greeting, Commit, Version, PaymentsURL string
	SecretLength                           int
}

var layout = template.Must(template.New("front").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Greeting}}</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
ul { list-style: none; padding: 0 } form { display: flex; gap: 1rem; padding: .4rem 0; border-bottom: 1px solid #ddd }
form span:first-child { flex: 1; font-weight: 600 } button { font: inherit }
dt { font-weight: 600 } dd { margin: 0 0 .6rem } code { background: #eee; padding: .1rem .3rem }
</style>
</head>
<body>
<h1>{{.Greeting}}</h1>
{{with .Stock}}<ul>
{{range .Products}}<li><form method="post" action="/orders"><span>{{.Name}}</span> <span>{{.Price}}</span> <button name="product" value="{{.Name}}">Order</button></form></li>
{{else}}<li>Nothing is for sale.</li>
{{end}}</ul>
<p>Orders handled: <b id="handled">{{.Handled}}</b></p>
{{end}}<dl>
<dt>Commit</dt><dd><code id="commit">{{.Commit}}</code></dd>
<dt>Image built from</dt><dd><code id="version">{{.Version}}</code></dd>
<dt>PAYMENTS_URL</dt><dd><code id="PAYMENTS_URL">{{.PaymentsURL}}</code></dd>
<dt>SESSION_SECRET</dt>
<dd id="SESSION_SECRET">{{if .SecretLength}}set, {{.SecretLength}} characters{{else}}not set{{end}}</dd>
</dl>
</body>
</html>
`))

func describe() about {
	baked, err := os.ReadFile("VERSION")
	if err != nil {
		baked = []byte("unknown")
	}
	return about{
		Greeting:    cmp.Or(os.Getenv("GREETING"), "Shop"),
		Commit:      cmp.Or(os.Getenv("REVIEWBOT_SHA"), os.Getenv("HEROKU_SLUG_COMMIT"), "unknown"),
		Version:     strings.TrimSpace(string(baked)),
		PaymentsURL: cmp.Or(os.Getenv("PAYMENTS_URL"), "not set"),
		// Its value is nobody's business, not even on a preview.
		SecretLength: len(os.Getenv("SESSION_SECRET")),
	}
}
