Console.WriteLine("culvert");
