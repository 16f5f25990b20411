-- Holds the number for another migration.
select 1;
