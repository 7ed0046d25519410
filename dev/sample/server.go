package main

import (
	"cmp"
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

const patience = 2 * time.Second

// serve answers until it is told to stop. It starts without asking the database, and needs none.
func serve(stop context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok\n"))
	})
	if err := addPages(stop, mux); err != nil {
		return err
	}
	server := &http.Server{
		Addr:              ":" + cmp.Or(os.Getenv("PORT"), "8080"),
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() {
		<-stop.Done()
		finish, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		server.Shutdown(finish)
	}()
	log.Printf("listening on %s", server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// addPages shows the shop where there is all that it needs, and else the plain page.
func addPages(ctx context.Context, mux *http.ServeMux) error {
	if os.Getenv("DATABASE_URL") == "" || os.Getenv("REDIS_URL") == "" {
		mux.Handle("GET /{$}", front(nil))
		return nil
	}
	database, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	queue, err := openQueue()
	if err != nil {
		return err
	}
	mux.Handle("GET /{$}", front(database))
	mux.Handle("POST /orders", takeOrder(queue))
	return nil
}

// front shows the page, with what the shop sells where there is a database.
func front(database *pgxpool.Pool) http.HandlerFunc {
	about := describe()
	return func(w http.ResponseWriter, r *http.Request) {
		shown := page{about: about}
		if database != nil {
			ctx, cancel := context.WithTimeout(r.Context(), patience)
			defer cancel()
			found, err := readStock(ctx, database)
			if err != nil {
				unavailable(w, "The database does not answer.", err)
				return
			}
			shown.Stock = found
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := layout.Execute(w, shown); err != nil {
			log.Print(err)
		}
	}
}

// takeOrder leaves the order for the worker and shows the page again.
func takeOrder(queue *redis.Client) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		product := r.FormValue("product")
		if product == "" {
			http.Error(w, "An order names a product.", http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		if err := queue.RPush(ctx, orders, product).Err(); err != nil {
			unavailable(w, "No order can be taken at the moment.", err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func unavailable(w http.ResponseWriter, sentence string, err error) {
	log.Print(err)
	http.Error(w, sentence, http.StatusServiceUnavailable)
}
