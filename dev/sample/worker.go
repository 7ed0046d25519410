package main

import (
	"context"
	"errors"
	"log"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// orders is the list in Redis where the page leaves orders and the worker takes them.
const orders = "orders"

// openQueue connects when Redis is first asked, not before.
func openQueue() (*redis.Client, error) {
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		// The error itself may repeat the password.
		return nil, errors.New("REDIS_URL is not set to the address of a Redis")
	}
	return redis.NewClient(options), nil
}

// work handles one order after the other until it is told to stop.
func work(stop context.Context) error {
	database, err := openDatabase(stop)
	if err != nil {
		return err
	}
	defer database.Close()
	queue, err := openQueue()
	if err != nil {
		return err
	}
	defer queue.Close()
	log.Print("waiting for orders")
	for stop.Err() == nil {
		found, err := queue.BLPop(stop, time.Second, orders).Result()
		switch {
		case errors.Is(err, redis.Nil):
			continue
		case err != nil && stop.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		product := found[1]
		if err := handle(stop, database, product); err != nil {
			back := queue.LPush(context.WithoutCancel(stop), orders, product).Err()
			return errors.Join(err, back)
		}
	}
	return nil
}

func handle(ctx context.Context, database *pgxpool.Pool, product string) error {
	const order = "insert into orders (product) select name from products where name = $1"
	done, err := database.Exec(ctx, order, product)
	if err != nil {
		return err
	}
	if done.RowsAffected() == 0 {
		log.Printf("there is no %q to sell", product)
		return nil
	}
	log.Printf("handled an order of %q", product)
	return nil
}
