create table products (
    name text primary key,
    cents integer not null
);

-- What is shown to visitors.
create view shelf as select name, cents from products;
