package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// migrate applies what is new in the folder migrations, in the order of the names, until one fails.
func migrate(ctx context.Context) error {
	database, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.Exec(ctx, "create table if not exists migrations (name text primary key)"); err != nil {
		return err
	}
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		return err
	}
	for _, file := range files {
		applied, err := apply(ctx, database, file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if applied {
			fmt.Println("applied", file)
		}
	}
	return nil
}

// apply says whether the migration was new; one that fails leaves nothing behind.
func apply(ctx context.Context, database *pgxpool.Pool, file string) (applied bool, err error) {
	script, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	err = pgx.BeginFunc(ctx, database, func(tx pgx.Tx) error {
		const note = "insert into migrations values ($1) on conflict do nothing"
		noted, err := tx.Exec(ctx, note, filepath.Base(file))
		if err != nil || noted.RowsAffected() == 0 {
			return err
		}
		applied = true
		_, err = tx.Exec(ctx, string(script))
		return err
	})
	return applied, err
}
