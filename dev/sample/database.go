package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type product struct {
	Name  string
	Cents int
}

// Price is what people read.
func (p product) Price() string {
	return fmt.Sprintf("%d.%02d €", p.Cents/100, p.Cents%100)
}

// stock is what the page shows of the database.
type stock struct {
	Products []product
	Handled  int
}

// openDatabase connects when the database is first asked, not before.
func openDatabase(ctx context.Context) (*pgxpool.Pool, error) {
	address := os.Getenv("DATABASE_URL")
	if address == "" {
		return nil, errors.New("DATABASE_URL is not set")
	}
	return pgxpool.New(ctx, address)
}

func readStock(ctx context.Context, database *pgxpool.Pool) (*stock, error) {
	// An error of the query is told by the rows.
	rows, _ := database.Query(ctx, "select name, cents from shelf order by name")
	products, err := pgx.CollectRows(rows, pgx.RowToStructByPos[product])
	if err != nil {
		return nil, err
	}
	handled, err := countOrders(ctx, database)
	return &stock{products, handled}, err
}

func countOrders(ctx context.Context, database *pgxpool.Pool) (int, error) {
	var found int
	err := database.QueryRow(ctx, "select count(*) from orders").Scan(&found)
	return found, err
}

// seed puts the first products on the shelf.
func seed(ctx context.Context) error {
	database, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	const products = "insert into products values ('Coffee', 1200), ('Mug', 900), ('Tea', 500) on conflict do nothing"
	done, err := database.Exec(ctx, products)
	if err != nil {
		return err
	}
	fmt.Printf("seeded %d products\n", done.RowsAffected())
	return nil
}

// goodbye tells what the shop has done.
func goodbye(ctx context.Context) error {
	database, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	handled, err := countOrders(ctx, database)
	if err != nil {
		return err
	}
	fmt.Printf("the shop closes after %d orders\n", handled)
	return nil
}
