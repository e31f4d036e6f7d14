"""Batch: explanations of many users as Parquet files, shard by shard."""
